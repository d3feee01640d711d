"""A run's page: everything that was measured of it, to look at."""
