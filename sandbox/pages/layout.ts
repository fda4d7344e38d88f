import type { ApiAnswer } from '../http/api.js';

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f6f7f9;color:#1a1f36}
main{max-width:44rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d8dee4;border-radius:8px}
h1{font-size:1.4rem;margin-top:0}h2{font-size:1.1rem}
button,.button{font:inherit;padding:.5rem .9rem;border:1px solid #4f46e5;border-radius:6px;background:#4f46e5;color:#fff;cursor:pointer;text-decoration:none}
button:hover{filter:brightness(.93)}button.plain{background:#fff;color:#1a1f36;border-color:#8792a2}
:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}
input,select{font:inherit;padding:.35rem .5rem;border:1px solid #6b7280;border-radius:6px;background:#fff;color:inherit}
input[type=range]{padding:0;vertical-align:middle;width:min(20rem,100%)}label{display:inline-block;margin:.2rem .8rem .2rem 0}
fieldset{border:1px solid #d8dee4;border-radius:6px;margin:1rem 0}section{margin-top:2rem}summary{cursor:pointer;padding:.3rem 0}
main.wide{max-width:68rem}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1rem}.scroll{overflow:auto;max-height:36rem}td{overflow-wrap:anywhere}
caption{text-align:left}@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
ul.cards{list-style:none;padding:0;display:grid;gap:.5rem}ul.cards button{width:100%;text-align:left}
.alert{border:2px solid #b42318;background:#fef3f2;color:#7a271a;padding:.75rem;border-radius:6px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #e3e8ee}
.note{color:#4a5568;font-size:.9rem}code{font-size:.9em}`;

export function htmlPage(title: string, body: string, status = 200, wide = false): ApiAnswer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action *",
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body><main${wide ? ' class="wide"' : ''}>${body}</main></body></html>
`,
  };
}

export function seeOther(location: string): ApiAnswer {
  return { status: 303, headers: { location, 'content-type': 'text/plain' }, body: `See ${location}\n` };
}
