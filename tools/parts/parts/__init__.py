"""Parts of the example domain, and how one leaves."""
