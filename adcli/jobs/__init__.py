"""What people want a derivative for: minimize, fit, root, uncertainty."""
