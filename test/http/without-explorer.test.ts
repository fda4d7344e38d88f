import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** What a browser gets at /graphql from a built gateway, without the packages that match. */
const explorerIn = (absent: string) =>
  execFileSync(
    process.execPath,
    [
      '-e',
      `const modules = require('node:module');
       const find = modules._resolveFilename;
       modules._resolveFilename = function (name, ...rest) {
         if (new RegExp(process.argv[1]).test(name)) throw new Error('not installed');
         return find.call(this, name, ...rest);
       };
       const { createRoutes } = require('./dist/src/http/routes.js');
       const route = createRoutes({ origins: { allows: () => true, corsHeaders: () => ({}) } });
       const request = { method: 'GET', url: '/graphql', headers: { accept: 'text/html' } };
       const response = { req: request, setHeader() {}, writeHead() { return this; }, end: (text) => console.log(String(text)) };
       route(request, response);`,
      absent,
    ],
    { cwd: root, encoding: 'utf8' },
  );

describe('an installation without the packages for development', () => {
  it('says where the explorer is, instead of showing one that cannot load', () => {
    expect(explorerIn('^(graphiql|react|react-dom)/')).toContain('<code>npm ci</code> installs it');
    expect(explorerIn('^no-such-package$')).toContain('<div id="graphiql">');
  });
});
