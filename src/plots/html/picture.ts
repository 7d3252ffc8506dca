import { escapeXml } from '../svg/escape.js';

/** A self-contained page with an SVG picture; it highlights what is under the pointer. */
export function htmlPicture(title: string, svg: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>body{margin:1.5rem}g:hover rect{stroke:#000;stroke-width:2}g:hover path{stroke-width:4;opacity:1}</style>
</head>
<body>
${svg}</body>
</html>
`;
}
