"""One run of a job: plan, layout, and the order of things."""
