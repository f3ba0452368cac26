"""Hand derivations: read, judged, the first mistake named."""
