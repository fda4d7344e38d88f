import { renderPage } from './page.js';

/** The same where the explorer is not installed. */
export const withoutExplorerPage = renderPage(
  'GraphQL',
  `<p>The API answers here: send documents by <code>POST</code>, subscriptions over a socket.</p>
<p>The explorer is not installed. It is one of the packages for development: <code>npm ci</code> installs it,
<code>npm ci --omit=dev</code> leaves it out.</p>`,
);

/** `/graphql` in a browser: the explorer, with a field for the token. Everything it loads comes from /assets/. */
export const graphiqlPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL explorer – billing gateway</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/graphiql.css">
<link rel="stylesheet" href="/assets/graphiql-page.css">
<script defer src="/assets/react.js"></script>
<script defer src="/assets/react-dom.js"></script>
<script defer src="/assets/graphiql.js"></script>
<script type="module" src="/assets/graphiql-page.js"></script>
</head>
<body>
<form id="token-bar">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" spellcheck="false"
  placeholder="npx billing token --account acme --role BILLING_ADMIN" aria-describedby="token-state">
<span id="token-state" role="status"></span>
</form>
<div id="graphiql">Loading the explorer…</div>
</body>
</html>
`;
