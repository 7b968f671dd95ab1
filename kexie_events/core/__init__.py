"""The ground floor: what every feature stands on and what knows nothing of the domain."""
