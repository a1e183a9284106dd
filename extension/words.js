// This file knows words: assets everyone knows, words that look like assets, and words that name a
// market.

/** @param {string} text @returns {Set<string>} */
const set = (text) => new Set(text.trim().split(/\s+/));

/**
 * Assets listed by six of nine large venues (public symbol lists, 2021 to 2026), and the newer
 * majors. They decide where a glued name parts and which tags count; the terminal's own list
 * replaces them in text.
 */
export const KNOWN = set(`
  1INCH A AAVE ACH ACT ADA AGLD AKRO ALGO ALICE ANKR ANT APE API3 APT AR ARB ARKM ARPA ASTER ASTR
  ATOM AUCTION AVA AVAX AXS BAL BAND BAT BCH BERA BICO BLUR BNB BNT BNX BONK BSV BTC BTT C98 CAKE
  CELO CELR CETUS CFX CHR CHZ CKB COMP COTI CRO CRV CSPR CTSI CVC CVX DASH DCR DENT DGB DIA DODO
  DOGE DOT DYDX EDU EGLD EIGEN ENA ENJ ENS EOS ETC ETH ETHFI ETHW FARTCOIN FET FIL FLOKI FLOW FLUX
  FORTH FRONT FTM FTT FXS GALA GAS GLM GMT GMX GRT HBAR HIGH HIVE HOT HYPE ICP ICX ID ILV IMX INJ
  IOST IOTA IOTX IP JASMY JOE JST JTO JUP KAITO KAS KAVA KLAY KNC KSM LDO LINA LINK LIT LOOKS LPT
  LQTY LRC LSK LTC LUNA LUNC MAGIC MANA MASK MATIC MBOX MDT METIS MINA MIR MKR MLK MOVE MOVR NEAR
  NEO NEXO NKN NMR NOT NULS OCEAN OGN OKB OM OMG ONDO ONE ONT OP ORBS ORDI PAXG PENDLE PENGU PEOPLE
  PEPE PERP PHA PNUT POL POPCAT POWR PUMP PUNDIX PYTH QNT QTUM RAY RDNT REEF REN RENDER REQ RIF RLC
  RNDR ROSE RPL RSR RUNE RVN S SAND SATS SC SEI SHIB SKL SKY SLP SNT SNX SOL SOS SPELL SPX SRM SSV
  STG STORJ STRK STX SUI SUN SUSHI SXP SYRUP TAO THETA TIA TLM TON TRB TRUMP TRX TWT UMA UNI USTC
  VET VIRTUAL VRA W WAVES WAXP WBTC WIF WIN WLD WLFI WOO XAUT XBT XEM XLM XMR XPL XRP XTZ YFI YGG
  ZEC ZEN ZIL ZK ZRO ZRX 币安人生 我踏马来了 龙虾
`);

/** The only bare words that count without the terminal's list. */
export const SAFE = set(
  "BTC ETH SOL XRP BNB DOGE ADA AVAX TRX LTC BCH XLM HBAR SHIB PEPE SUI TAO WIF XMR",
);

/** Money itself: alone it is never a ticker. */
export const MONEY = set(`
  USDT USDC USD USD1 USDE USDT0 FDUSD BUSD TUSD USDP USDS USDD USDK GUSD HUSD PYUSD DAI UST RLUSD
  EUR AEUR EURI GBP AUD CAD CHF JPY KRW CNY CNH HKD TWD BRL TRY RUB UAH IDR AED ARS COP CZK INR MXN
  NGN PHP PLN RON SGD THB VND ZAR SEK NOK DKK
`);

/** Real assets, but as a bare word far more often something else. */
export const NEVER = set(`
  ONE ALL THE IT ME NOT OP LINK NEAR GAS AI S T TON SUPER ACE GMT HOME A AN AND ANY ARE AS AT BE BY
  DO FOR GO HE IF IN IS MY NO OF OK ON OR OUT SO TO UP US WE W U M G ID IO IP OM IQ EU UK UN LA RSI
  MACD EMA SMA VWAP ATR ADX CCI BB OBV POC VAH VAL CVD OI FVG BOS TP SL BE PNL ROI ROE APR APY ATH
  ATL DCA FOMO FUD HODL YOLO LFG GM GN NFA DYOR TVL MC FDV KYC AML API SDK APP WEB URL PDF CEO CTO
  CFO USA CPI PPI PCE GDP FED FOMC SEC ETF NFT DAO DEX CEX AMM IDO ICO IEO IPO OTC NYSE CME DXY SPX
  NDX GOLD OIL GAME PEOPLE SAFE MOVE RED ORDER BANK OPEN SIGN HIGH LOW TRADE CLOSE LONG SHORT BUY
  SELL STOP LIMIT HOT SUN WIN MAGIC MASK SAND FLOW FLUX FRONT LOOKS BAND BAT COMP CAKE APE ROSE RAY
  BLUR JOE PUMP BIG CAT DOG BIO BULL BEAR CASH COIN TOKEN DATA EDGE FUN FORM FORTH HOOK HOLD HELLO
  IDEX KEY LAYER LEVER LIGHT LIVE MAIN MEME MAP MIND NEWS NEW NEXT NFP NIGHT NULL NOW OCEAN PAY POND
  PORTAL POWER PROM PRIME PUNDIX QUICK REAL REQ RARE SAGA SHELL SIREN SKY SOON SPELL STEEM STEP
  SWEAT SYN TAG TEST TREE TRUMP TRUST TURBO UNI USER USUAL VANA VELO VIC VOXEL WAVES WAX WING WOO
  ZEN ZERO POL PERP PERPS FUTURES SPOT SWAP MARGIN HIVE PATH PWD LANG TERM TMP ENV ARGS BASH EDITOR
  HOST PORT NAME VALUE INIT ALPHA BETA HYPE FUEL CORE CHESS
`);

/** Shell variables that look like cashtags: these are refused even behind a dollar sign. */
export const SHELL = set(`
  HOME PATH USER PWD SHELL TERM LANG TMP TMPDIR ENV ARGS BASH EDITOR HOST PORT NAME VALUE INIT IFS
  UID PS1
`);

/** Labels people put before a symbol with a colon; the symbol after them still counts. */
export const LABELS = set(`
  LONG SHORT BUY SELL PAIR SYMBOL TICKER COIN TOKEN SIGNAL ENTRY ASSET MARKET TRADE ALERT SPOT
  FUTURES PERP PAIRS COINS NEW LISTING PRICE CHART IDEA SETUP WATCH
`);

/** Networks people glue to USDT. */
export const NETWORKS = set("ERC20 TRC20 BEP20 BSC20 ERC TRC BEP SPL ARB20");

/** Endings of file names and of hosts: `btcusdt.csv` and `ada.io` are no tickers. */
export const ENDINGS = set(`
  CSV JSON TXT PNG JPG JPEG GIF SVG WEBP PDF PY JS TS MJS JSX TSX HTML HTM CSS MD ZIP GZ LOG XLS
  XLSX DB SQL YML YAML TOML XML EXE SH CPP RS GO JAVA PHP RB PARQUET COM ORG IO NET XYZ FI APP DEV
  AI CO FINANCE EXCHANGE RU CN INFO ME GG TO D
`);

/** Quotes that mark a glued name for sure, whatever stands before them. */
export const SURE_QUOTES = ["FDUSD", "USDT", "USDC", "USD1"];

/** Quotes that count when the base is known, longest first: English words end in them too. */
export const TEXT_QUOTES = [
  "FDUSD",
  "USDT0",
  "BUSD",
  "TUSD",
  "USDC",
  "USDE",
  "USDT",
  "USD1",
  "BTC",
  "ETH",
  "BNB",
  "EUR",
  "GBP",
  "BRL",
  "TRY",
  "KRW",
  "JPY",
  "USD",
];

/**
 * Which of two assets is the money in `BTC/ETH`: the earlier one; such a pair is a list, not a
 * market.
 */
export const QUOTE_RANK = ["USDT", "USDC", "USD", "BTC", "ETH", "BNB"];

/**
 * Words that name a market, in lower case.
 * @type {{market: import("./ticker.js").Market, words: string[]}[]}
 */
export const MARKET_WORDS = [
  {
    market: "futures",
    words: ["perp", "perps", "perpetual", "perpetuals", "futures", "future", "swap"],
  },
  { market: "futures", words: ["永续", "永續", "合约", "合約", "期货", "期貨"] },
  { market: "futures", words: ["фьюч", "перп", "бессроч", "무기한", "선물", "스왑"] },
  { market: "margin", words: ["margin", "маржа", "маржин", "杠杆", "槓桿", "마진"] },
  { market: "spot", words: ["spot", "спот", "现货", "現貨", "현물"] },
];
