"""评审: rounds, judges, recusals, assignment, scores, ranking."""
