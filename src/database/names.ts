import { DefaultNamingStrategy, type Table } from 'typeorm';

/** `cancelAtPeriodEnd` is the column `cancel_at_period_end`, and an index is named by what it covers, on every database. */
export class SnakeCaseNames extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  override indexName(tableOrName: Table | string, columnNames: string[]): string {
    return `${this.getTableName(tableOrName)}_${columnNames.join('_')}_index`;
  }
}
