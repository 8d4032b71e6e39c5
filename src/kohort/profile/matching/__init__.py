"""Which evidence speaks of which alteration, how closely, and how near its tumour is."""
