"""The demo clinic: a made-up cast and up to eight weeks of history, replayed through the same verbs as real life."""
