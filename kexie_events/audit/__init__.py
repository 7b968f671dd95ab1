"""留痕: who did what, when and why; append-only, hash-chained."""
