import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../project-root.js';
import { send } from './answer.js';

interface Asset {
  contentType: string;
  etag: string;
  plain: Buffer;
  gzipped: Buffer;
}

const contentTypes: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const packageFile = (name: string, file: string) => join(dirname(require.resolve(`${name}/package.json`)), file);

/** The explorer's packages; they are a hundred megabytes, and an installation without those for development has none. */
function explorerPaths(): [string, string][] {
  try {
    return [
      ['react.js', packageFile('react', 'umd/react.production.min.js')],
      ['react-dom.js', packageFile('react-dom', 'umd/react-dom.production.min.js')],
      ['graphiql.js', packageFile('graphiql', 'graphiql.min.js')],
      ['graphiql.css', packageFile('graphiql', 'graphiql.min.css')],
    ];
  } catch {
    return [];
  }
}

/** The files that pages load, by their name under /assets/. All come from this machine, so pages work without a network. */
function assetPaths(): Map<string, string> {
  const own = (file: string) => [file, join(projectRoot, 'assets', file)] as const;
  const socketClient = packageFile('graphql-ws', 'dist');
  return new Map([
    own('icon.svg'),
    own('page.css'),
    own('graphiql-page.css'),
    own('graphiql-page.js'),
    ...explorerPaths(),
    // The client is an ES module and imports a neighbour whose name carries a hash.
    ...readdirSync(socketClient)
      .filter((file) => /^(client|common-[\w-]+)\.js$/.test(file))
      .map((file) => [`graphql-ws/${file}`, join(socketClient, file)] as const),
  ]);
}

/** Serves `/assets/<name>`; each file is read and compressed when it is first asked for. False when there is no such file. */
export function createAssets(): (name: string, request: IncomingMessage, response: ServerResponse) => boolean {
  const paths = assetPaths();
  const loaded = new Map<string, Asset>();

  function load(name: string): Asset | undefined {
    const path = paths.get(name);
    const known = loaded.get(name);
    if (known || !(path || name === 'operations.json')) return known;
    const plain = path ? readFileSync(path) : Buffer.from(JSON.stringify(readOperations()));
    const asset = {
      contentType: contentTypes[extname(name)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`,
      plain,
      gzipped: gzipSync(plain),
    };
    loaded.set(name, asset);
    return asset;
  }

  return (name, request, response) => {
    const asset = load(name);
    if (!asset) return false;
    const { contentType, etag, plain, gzipped } = asset;
    const headers = { etag, 'cache-control': 'public, max-age=300', vary: 'accept-encoding' };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return true;
    }
    const gzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const encoding = gzip ? { 'content-encoding': 'gzip' } : {};
    send(response, { status: 200, contentType, body: gzip ? gzipped : plain, headers: { ...headers, ...encoding } });
    return true;
  };
}

/** Whether the explorer's packages are installed. */
export const hasExplorer = (): boolean => explorerPaths().length > 0;

/** The tabs of a newcomer's story, in its order; other operations follow by name. */
const story = [
  'plans',
  'create-checkout-session',
  'account-updated',
  'billing-page',
  'cancel-subscription',
  'reactivate-subscription',
];

/** The named operations; the explorer opens a tab for each. */
export function readOperations(): { name: string; query: string }[] {
  const folder = join(projectRoot, 'schema', 'operations');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .map((file) => file.slice(0, -'.graphql'.length));
  const others = names.filter((name) => !story.includes(name)).sort();
  return [...story.filter((name) => names.includes(name)), ...others].map((name) => ({
    name,
    query: readFileSync(join(folder, `${name}.graphql`), 'utf8'),
  }));
}
