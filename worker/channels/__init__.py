"""Ways to hand a letter to somebody: Letter in, the provider's id out, errors marked permanent or passing."""
