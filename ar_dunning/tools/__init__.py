"""Plain Python beside the models."""
