"""The demo set: job posts written for this project, honest and misleading, with their truth."""
