"""What is wrong with these sheets: findings with code, level, place, help and witness."""
