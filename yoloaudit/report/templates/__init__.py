"""What the page of a report is made of: `page.html` and its parts, its style and its script."""
