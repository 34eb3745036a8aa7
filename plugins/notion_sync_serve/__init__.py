"""``notion-sync serve``: jobs by schedule and by webhook, health, metrics and a status page in one process."""
