"""What happens on the side: events to listeners, progress, health, logs, and what none of them may show."""
