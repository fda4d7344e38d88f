import type { Account } from '../account.js';
import { formatAmount } from '../billing/money.js';
import { behaviorOf } from '../delivery/misbehave.js';
import { targets } from '../delivery/targets.js';
import type { ApiAnswer } from '../http/api.js';
import { faultKinds } from '../store/tables.js';
import { escape, htmlPage } from './layout.js';

const SHOWN_CUSTOMERS = 50;
const SHOWN_EVENTS = 50;

/** The page at `/`: the clock, customers on their timeline, events with their deliveries, and the switches. Works without scripts. */
export function consolePage(account: Account): ApiAnswer {
  const now = account.clock.now();
  return htmlPage(
    'Sandbox',
    `<h1>Sandbox</h1>${contents}${clockPart(account, now)}${customersPart(account)}${eventsPart(account)}${faultPart(account)}${deliveryPart(account)}<script src="/_sandbox/console.js" defer></script>`,
    200,
    true,
  );
}

const contents = `<nav aria-label="On this page"><ul>${['Clock', 'Customers', 'Events', 'Faults', 'Delivery']
  .map((name) => `<li><a href="#${name.toLowerCase()}">${name}</a></li>`)
  .join('')}</ul></nav>`;

function clockPart(account: Account, now: number): string {
  const jumps = [
    ['PT1H', '+1 hour'],
    ['P1D', '+1 day'],
    ['P7D', '+1 week'],
    ['P1M', '+1 month'],
  ].map(([by, label]) => `<button name="by" value="${by}">${label}</button>`);
  return `<section aria-labelledby="clock"><h2 id="clock">Clock</h2><p><time id="now" datetime="${new Date(now).toISOString()}">${new Date(now).toUTCString()}</time>${account.clock.frozen ? ' (stands still)' : ''}</p>
<form method="post" action="/_sandbox/console/advance"><p role="group" aria-label="Advance the clock">${jumps.join(' ')}</p></form>
<form method="post" action="/_sandbox/console/advance"><p><label>Days to go <input type="range" name="days" min="1" max="366" value="30" id="days"> <output for="days" id="days-shown">30</output></label> <button>Advance</button></p></form></section>`;
}

function customersPart(account: Account): string {
  const customers = account.store.all('customer').slice(-SHOWN_CUSTOMERS).reverse();
  const entries = customers.map(
    (customer) =>
      `<details><summary>${escape(customer.email ?? customer.name ?? customer.id)} <span class="note">${escape(customer.id)}</span></summary>${timeline(account, customer.id)}</details>`,
  );
  return `<section aria-labelledby="customers"><h2 id="customers">Customers (${account.store.count('customer')})</h2>${entries.join('') || '<p>Nobody yet.</p>'}</section>`;
}

/** Subscriptions and invoices of a customer in the order in which they came. */
function timeline(account: Account, customer: string): string {
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
  const entries = [
    ...account.store.where('subscription', 'customer', customer).map((row) => ({
      at: row.created,
      told: `Subscription ${escape(row.id)}: <strong>${escape(row.status)}</strong>${row.cancel_at ? `, ends ${day(row.cancel_at)}` : ''}`,
    })),
    ...account.store.where('invoice', 'customer', customer).map((row) => ({
      at: row.created,
      told: `Invoice <a href="/invoices/${escape(row.id)}">${escape(row.number ?? row.id)}</a> ${formatAmount(row.total, row.currency)}: <strong>${escape(String(row.status))}</strong>`,
    })),
  ];
  const rows = entries
    .sort((one, other) => one.at - other.at)
    .map(({ at, told }) => `<li><time datetime="${day(at)}">${day(at)}</time> ${told}</li>`);
  return `<ol>${rows.join('')}</ol>`;
}

function eventsPart(account: Account): string {
  const rows = account.store
    .all('event')
    .slice(-SHOWN_EVENTS)
    .reverse()
    .map((event) => {
      const deliveries = account.store
        .where('delivery', 'event', event.id)
        .map(({ status, attempts, last_outcome }) =>
          escape(
            `${status} after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} (${last_outcome ?? 'not tried'})`,
          ),
        );
      return `<tr><td>${new Date(event.created * 1000).toISOString()}</td><td>${escape(event.type)}<br><span class="note">${escape(event.id)}</span></td><td>${deliveries.join('<br>') || 'no endpoint'}</td></tr>`;
    });
  return `<section aria-labelledby="events"><h2 id="events">Events (${account.store.count('event')})</h2><div class="scroll" tabindex="0" role="region" aria-label="Latest events"><table><caption class="note">The latest ${SHOWN_EVENTS}, newest first</caption><thead><tr><th scope="col">Created</th><th scope="col">Type</th><th scope="col">Deliveries</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function faultPart(account: Account): string {
  const options = faultKinds.map((kind) => `<option>${kind}</option>`).join('');
  const set = account.store
    .all('fault')
    .map(
      (fault) =>
        `<li>${escape(fault.kind)} on ${escape(fault.path)}, ${fault.times === null ? 'without end' : `${fault.times} times`}</li>`,
    );
  return `<section aria-labelledby="faults"><h2 id="faults">Faults</h2><ul>${set.join('') || '<li>None</li>'}</ul>
<form method="post" action="/_sandbox/console/faults"><fieldset><legend>Order a fault</legend><label>Kind <select name="kind">${options}</select></label> <label>Path <input name="path" value="/v1/*"></label> <label>Times <input name="times" type="number" min="1" value="1"></label> <button>Order</button></fieldset></form>
<form method="post" action="/_sandbox/console/faults/clear"><p><button class="plain">Clear all faults</button></p></form></section>`;
}

function deliveryPart(account: Account): string {
  const behavior = behaviorOf(account.store);
  const share = (name: 'duplicate' | 'drop' | 'delay' | 'reorder'): string =>
    `<label>${name.charAt(0).toUpperCase()}${name.slice(1)} <input name="${name}" type="number" min="0" max="1" step="0.05" value="${behavior[name]}"></label>`;
  return `<section aria-labelledby="delivery"><h2 id="delivery">Delivery</h2><form method="post" action="/_sandbox/console/delivery"><fieldset><legend>How likely each delivery misbehaves, from 0 (never) to 1 (always)</legend>${share('duplicate')} ${share('drop')} ${share('delay')} ${share('reorder')}</fieldset>${endpointsPart(account, behavior.dead)}<p><label>Hold all deliveries <input type="checkbox" name="hold" value="true"${behavior.hold ? ' checked' : ''}></label> <button>Set delivery</button></p></form></section>`;
}

/** Where events go: the endpoints, and the event destinations with what they take. */
function endpointsPart(account: Account, dead: string[]): string {
  const fields = targets(account.store).map(({ id, url, enabled, payload }) => {
    const checked = dead.includes(id) || dead.includes(url) ? ' checked' : '';
    const told = `${escape(url)} <span class="note">${escape(id)}, ${payload} events, ${enabled ? 'enabled' : 'disabled'}</span>`;
    return `<li><label><input type="checkbox" name="dead ${escape(id)}" value="true"${checked}> ${told}</label></li>`;
  });
  return `<fieldset><legend>Endpoints that seem to be down</legend><ul>${fields.join('') || '<li>There are no endpoints</li>'}</ul></fieldset>`;
}

/** Shows what the slider says, and follows the clock. The page is whole without it. */
export const consoleScript = `
const slider = document.getElementById('days');
slider.addEventListener('input', () => { document.getElementById('days-shown').textContent = slider.value; });
setInterval(async () => {
  const answer = await fetch('/_sandbox/clock?once');
  const { now } = await answer.json();
  const shown = document.getElementById('now');
  shown.dateTime = now;
  shown.textContent = new Date(now).toUTCString();
}, 1000);
`;

export function daysAsDuration(days: string): string {
  return `P${Math.max(1, Math.min(366, Math.floor(Number(days) || 1)))}D`;
}
