// Imported first, for its effect. On SIGUSR1, Node opens a debugger at 127.0.0.1:9229, where whoever connects reads all
// secrets from memory. With a listener, the signal does nothing.
process.on("SIGUSR1", () => undefined);
