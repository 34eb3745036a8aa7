"""What every call that leaves the process goes through: budget, retry, circuit breaker, reading ahead."""
