"""Regular expressions as data: parse trees, character sets, automata, time. It knows no mapping."""
