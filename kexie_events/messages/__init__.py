"""消息: what we owe to whom: owe, claim, send, retry. Knows nothing of the domain."""
