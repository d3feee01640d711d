"""The workstation's part: corpora, features on disk, models, fitting and honest evaluation."""
