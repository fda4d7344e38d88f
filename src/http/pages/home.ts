import { errorCatalogue } from '../../errors-catalogue.js';
import { renderPage } from './page.js';

/** `/`: what this is, and where to go. */
export function renderHome(): string {
  const codes = Object.keys(errorCatalogue).map(
    (code) => `<li><a href="/errors/${code}"><code>${code}</code></a></li>`,
  );
  return renderPage(
    'Billing gateway',
    `<p>This is a GraphQL billing gateway. Your app reads plans, subscriptions, access and invoices here and starts
checkouts; Stripe posts its webhooks here; changes are pushed to whoever subscribed.</p>
<ul>
<li><a href="/graphql">/graphql</a> &ndash; the explorer in a browser, the API for everything else, subscriptions over a socket</li>
<li><a href="/health/live">/health/live</a>, <a href="/health/ready">/health/ready</a> &ndash; for whoever watches over it</li>
<li><code>POST /webhooks/stripe</code> &ndash; for Stripe</li>
</ul>
<h2>What error codes mean</h2>
<ul>
${codes.join('\n')}
</ul>`,
  );
}
