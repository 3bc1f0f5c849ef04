package main

// profileOffset is added to a node's port to give the port of its profiles.
const profileOffset = 500
