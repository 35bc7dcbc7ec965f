/** The page around script and style, from a server. */
export const servedPage = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${title}</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/main.css">
</head>
<body><div id="app"></div><script src="/main.js"></script></body>
</html>
`;

/** The page's icon. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 3c3 8 6 10 12 10" fill="none" stroke="#2f5bea" stroke-width="2.5"/></svg>`;
