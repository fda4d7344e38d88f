import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIST = join(__dirname, 'points.txt');
const SOURCES = join(__dirname, '../../src');

/** The awaits that are known, one on a line: so a new one is noticed by whoever makes it. */
export const knownPoints = (): string[] =>
  existsSync(LIST) ? readFileSync(LIST, 'utf8').split('\n').filter(Boolean) : [];

/** Whether the function that waited there is still in the sources. */
function isThere(point: string): boolean {
  const [place = ''] = point.split(': ', 1);
  const dot = place.lastIndexOf('.');
  const asFile = join(SOURCES, `${place}.ts`);
  const asFunction = join(SOURCES, `${place.slice(0, dot)}.ts`);
  if (!place.includes('/') || existsSync(asFile)) return true;
  return existsSync(asFunction) && readFileSync(asFunction, 'utf8').includes(place.slice(dot + 1));
}

/** Some are met in few runs only, so what is listed stays as long as its function is there. */
export function keepPoints(met: readonly string[]): void {
  const points = new Set([...knownPoints().filter(isThere), ...met]);
  writeFileSync(
    LIST,
    [...points]
      .sort()
      .map((point) => `${point}\n`)
      .join(''),
  );
}
