"""Django's MySQL backend with one round trip less for each transaction."""
