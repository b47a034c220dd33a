/** The release of server, contract and web together. */
export const VERSION = '0.1.0';
