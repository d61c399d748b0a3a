"""Text ↔ tree. Lark is imported here and nowhere else."""
