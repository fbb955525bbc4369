"""What the acceptance tests are made of: a real server on loopback and a small client of its API."""
