/* global document, fetch, GraphiQL, location, React, ReactDOM, sessionStorage, setTimeout, clearTimeout */
import { createClient } from '/assets/graphql-ws/client.js';

const STORED_TOKEN = 'billing-gateway-token';
const field = document.getElementById('token');
const state = document.getElementById('token-state');

const readToken = () => field.value.trim().replace(/^Bearer\s+/i, '');
const authorization = () => (readToken() === '' ? {} : { authorization: `Bearer ${readToken()}` });

/** One socket for all subscriptions of the page; it introduces itself with the token of the moment. */
function connect() {
  return createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: authorization,
  });
}

let socket = connect();

function subscribe(parameters) {
  const waiting = [];
  let wake = () => {};
  const push = (item) => {
    waiting.push(item);
    wake();
  };
  const stop = socket.subscribe(parameters, {
    next: (result) => push({ result }),
    error: (error) => push({ error }),
    complete: () => push({ done: true }),
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
      const item = waiting.shift();
      if (item.error) throw describe(item.error);
      return item.done ? { done: true, value: undefined } : { done: false, value: item.result };
    },
    async return() {
      stop();
      push({ done: true });
      return { done: true, value: undefined };
    },
  };
}

/** The socket's close event says in its reason what an error would say in its message. */
function describe(error) {
  if (Array.isArray(error)) return { errors: error };
  if (error instanceof Error) return error;
  return new Error(`The socket was closed: ${error.code} ${error.reason || 'without a reason'}`);
}

function isSubscription(query, operationName) {
  const named = operationName ? new RegExp(`\\bsubscription\\s+${operationName}\\b`) : /^\s*(#.*\s*)*subscription\b/m;
  return named.test(query);
}

async function fetcher(parameters) {
  if (isSubscription(parameters.query, parameters.operationName)) return subscribe(parameters);
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization() },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

let telling;
field.value = sessionStorage.getItem(STORED_TOKEN) ?? '';
field.addEventListener('input', () => {
  sessionStorage.setItem(STORED_TOKEN, field.value);
  clearTimeout(telling);
  telling = setTimeout(() => {
    socket.dispose();
    socket = connect();
    state.textContent = readToken() === '' ? 'No token' : 'Used from the next request on';
  }, 200);
});
document.getElementById('token-bar').addEventListener('submit', (event) => event.preventDefault());

const operations = await (await fetch('/assets/operations.json')).json();
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: operations.map(({ query }) => ({ query })),
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: false,
  }),
);
