import { createServer } from 'node:net';

/** How many ports after the wanted one are tried. */
const TRIES = 50;

/** The wanted port, or the next one that is free. Throws when none of the next 50 is. */
export async function findFreePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + TRIES && port <= 65_535; port += 1) {
    if (await isFree(host, port)) return port;
  }
  throw new Error(`No port from ${wanted} on is free on ${host}; set PORT to one that is.`);
}

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
