"""Who is matched: persons or samples of a site, indexed once, and what is known of each."""
