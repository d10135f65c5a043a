"""Large files of texts, resolved part by part into a folder of files, by any engine; what was done is kept when a run is killed."""
