"""Pictures, movies and volumes written out, each with a stamp of what it shows and without a patient's name."""
