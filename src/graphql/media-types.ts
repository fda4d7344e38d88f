export const JSON_TYPE = 'application/json';
export const GRAPHQL_RESPONSE_TYPE = 'application/graphql-response+json';
export type ResponseType = typeof JSON_TYPE | typeof GRAPHQL_RESPONSE_TYPE;

/** The kind of answer a client prefers; plain JSON when it does not say or does not mind; undefined when it takes neither. */
export function preferredResponseType(accept: string | undefined): ResponseType | undefined {
  if (accept === undefined || accept.trim() === '') return JSON_TYPE;
  const ranges = accept.split(',').map(readRange);
  const json = quality(ranges, JSON_TYPE);
  const graphqlResponse = quality(ranges, GRAPHQL_RESPONSE_TYPE);
  if (json === 0 && graphqlResponse === 0) return undefined;
  return graphqlResponse > json || (graphqlResponse === json && namesFirst(ranges)) ? GRAPHQL_RESPONSE_TYPE : JSON_TYPE;
}

/** Whether a browser asks for a page rather than for data. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(readRange);
  const html = ranges.find(({ type }) => type === 'text/html')?.q ?? 0;
  return html > 0 && !ranges.some(({ type, q }) => (type === JSON_TYPE || type === GRAPHQL_RESPONSE_TYPE) && q >= html);
}

/** Whether a request's body is JSON in UTF-8, the only form that is read. */
export function isJsonBody(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  return (
    type === JSON_TYPE &&
    parameters.every((parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter))
  );
}

interface MediaRange {
  type: string;
  q: number;
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { type, q: Number.isFinite(q) ? q : 0 };
}

/** The most specific range decides. */
function quality(ranges: MediaRange[], type: ResponseType): number {
  for (const wanted of [type, 'application/*', '*/*']) {
    const range = ranges.find((candidate) => candidate.type === wanted);
    if (range) return range.q;
  }
  return 0;
}

function namesFirst(ranges: MediaRange[]): boolean {
  const named = ranges.find(({ type }) => type === JSON_TYPE || type === GRAPHQL_RESPONSE_TYPE);
  return named?.type === GRAPHQL_RESPONSE_TYPE;
}
