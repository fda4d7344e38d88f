import { userInfo } from 'node:os';

/** Whoever gives the command, as the machine knows them; a container may know nobody. */
export function operator(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return 'cli';
  }
}
