"""What people ask beside the verdict: why, what is missing, who is near, how many, which first, what changed."""
