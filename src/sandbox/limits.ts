/**
 * What the sandbox holds at most for clients who send what is never finished, or do not read. Figures of the
 * real server's where it has one; a real one is held in by its database's disk and its container otherwise.
 */

/** Bytes that wait for a client to read before its own input is left waiting. */
export const UNREAD_BYTES = 1024 * 1024;
/** A client for which this much waits all the same is given up. */
export const MOST_UNREAD_BYTES = 16 * 1024 * 1024;
/** One message on a socket that carries a stream (terminals, apps, tailnet); the real one has no limit there. */
export const STREAM_MESSAGE_BYTES = 8 * 1024 * 1024;
/** One message elsewhere: the read limit of coder/websocket. */
export const MESSAGE_BYTES = 32 * 1024;
/** Unfinished requests and messages of all connections together. */
export const UNFINISHED_BYTES = 128 * 1024 * 1024;
/** Messages of one connection that wait for their time on a modelled replica. */
export const WAITING_MESSAGES = 1_024;
/** Requests of one connection that are under way; Go's server takes one after the other. */
export const PIPELINED_REQUESTS = 32;

/** A terminal's input that its process does not take; about what a tailnet's TCP holds on its way. */
export const STUCK_BYTES = 64 * 1024;
/** Output of a stopped terminal (^S); the kernel's echo buffer. */
export const HELD_BYTES = 4_096;
/** A pipe's capacity on Linux. */
export const PIPE_BYTES = 64 * 1024;
/** A shell's variables together, and the output of a command that becomes a word. */
export const SHELL_BYTES = 1024 * 1024;
/** Shells within the shell of one terminal. */
export const MOST_SHELLS = 32;
/** Terminals that nobody is attached to, of all agents together; the oldest end first. */
export const DETACHED_TERMINALS = 2_000;

/** Uploaded archives together; the oldest go first. */
export const FILE_BYTES = 128 * 1024 * 1024;
/** A build parameter's value. */
export const PARAMETER_BYTES = 16 * 1024;
/** Any other text of a request that is kept. */
export const TEXT_BYTES = 1_024;
/** Jobs that are over; the oldest are forgotten with their builds and, once deleted, their workspaces. */
export const KEPT_JOBS = 20_000;
export const KEPT_DELETED_USERS = 20_000;
/** More of these are refused. */
export const JOBS = 200_000;
export const WORKSPACES = 200_000;
export const KEYS_OF_USER = 10_000;
export const USERS = 200_000;
export const TEMPLATE_VERSIONS = 1_000;

/** hashicorp/yamux: what a stream may send unasked, and streams that wait to be accepted. */
export const YAMUX_WINDOW_BYTES = 256 * 1024;
export const YAMUX_STREAMS = 256;
/** storj.io/drpc: MaximumBufferSize. */
export const RPC_MESSAGE_BYTES = 4 * 1024 * 1024;
/** tailscale's derp package: MaxPacketSize with the receiver's key, and maxInfoLen. */
export const DERP_PACKET_BYTES = 64 * 1024 + 32;
export const DERP_INFO_BYTES = 1024 * 1024;
export const RESUME_TOKENS = 10_000;
/** Clients that an agent remembers; the real one forgets a peer that is lost after a quarter of an hour. */
export const TAILNET_CLIENTS = 512;
/** tailscale's netstack: maxInFlightConnectionAttempts. */
export const TCP_CONNECTIONS = 1_024;
/** Channels of one SSH connection. */
export const SSH_CHANNELS = 256;
