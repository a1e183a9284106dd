// Draws a quiet, always equal random walk, so that the page looks like what it stands for.
let state = 7, price = 100;
const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
const svg = document.getElementById('candles');
for (let i = 0; svg && i < 80; i += 1) {
  const open = price, close = price + (next() - 0.48) * 14;
  const top = Math.max(open, close) + next() * 6, bottom = Math.min(open, close) - next() * 6;
  const colour = close >= open ? '#26a69a' : '#ef5350';
  const draw = (x, y, width, height) => {
    const box = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const [name, value] of Object.entries({ x, y, width, height, fill: colour })) box.setAttribute(name, value);
    svg.append(box);
  };
  draw(i * 5 + 1.8, 200 - top, 0.4, top - bottom);
  draw(i * 5 + 0.5, 200 - Math.max(open, close), 3, Math.max(Math.abs(close - open), 0.5));
  price = Math.min(170, Math.max(30, close));
}
