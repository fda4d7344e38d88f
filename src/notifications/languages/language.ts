/** Every sentence of every mail in one language. A new language is one more file like `en.ts` and a line in `index.ts`. */
export interface Language {
  greeting(name: string | null): string;
  paymentFailed: {
    subject(amount: string): string;
    /** `number` of the invoice; null when it has none. */
    whatHappened(amount: string, number: string | null): string;
    nextAttempt(date: string): string;
    noNextAttempt: string;
    accessUntil(date: string): string;
    accessEnded: string;
    pay: string;
    closing: string;
  };
}
