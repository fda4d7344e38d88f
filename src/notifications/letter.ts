/** What a mail says, before it is text or HTML. */
export interface Letter {
  /** BCP 47, for readers and screen readers. */
  language: string;
  subject: string;
  paragraphs: string[];
  /** The one thing to do; null when there is none. */
  action: { label: string; url: string } | null;
  closing: string;
}

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const renderText = ({ paragraphs, action, closing }: Letter): string =>
  `${[...paragraphs, ...(action ? [`${action.label}:\n${action.url}`] : []), closing].join('\n\n')}\n`;

/** Plain enough for every mail reader: no pictures, no scripts, no styles from elsewhere. */
export function renderHtml({ language, subject, paragraphs, action, closing }: Letter): string {
  const paragraph = (text: string, style = '') => `<p${style && ` style="${style}"`}>${escape(text)}</p>`;
  const button =
    action &&
    `<p><a href="${escape(action.url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none">${escape(action.label)}</a></p>`;
  return `<!doctype html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(subject)}</title>
</head>
<body style="margin:0 auto;max-width:560px;padding:24px;font:16px/1.5 sans-serif">
${[...paragraphs.map((text) => paragraph(text)), ...(button ? [button] : []), paragraph(closing, 'color:#6b7280')].join('\n')}
</body>
</html>
`;
}
