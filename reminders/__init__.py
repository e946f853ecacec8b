"""The post: the outbox of mails, its schedule, its text, its tasks."""
