import { escapeXml } from '../svg/curves.js';

/** A page that holds a picture, in which what is under the pointer stands out; nothing from outside. */
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
