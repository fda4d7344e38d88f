import { DefaultNamingStrategy } from 'typeorm';

/** `cancelAtPeriodEnd` is the column `cancel_at_period_end`, on every database. */
export class SnakeCaseNames extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
