"""What was read, made into what requests take, within their limits. Nothing here sends, or keeps anything."""
