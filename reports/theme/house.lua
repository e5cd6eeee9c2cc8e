-- What the house style does to every document, in both renderers: notes to the reader, tables.
-- Both run this filter before their own (Quarto: `at: pre-ast`).

local words = {}
-- The same document in the other languages of the publication.
local elsewhere = {}
local html = FORMAT:match("html") ~= nil
-- Rows that leave no gap of more than a quarter of a page where they do not fit above a chart at its foot.
local longest_in_one_piece = 6
local callouts = { note = true, tip = true, warning = true, important = true, caution = true }

-- A cell is numeric when it holds a figure or one of the symbols that stand in for one (nil, not available, not applicable,
-- suppressed, nothing).
local symbols = { ["–"] = true, ["-"] = true, ["."] = true, [".."] = true, ["…"] = true, ["X"] = true, [""] = true }

local function is_figure(text)
  local bare = text:gsub("\u{a0}", ""):gsub("\u{202f}", ""):gsub("\u{2212}", "-"):gsub("%s", "")
  return bare:match("^[-+]?%d[%d.,]*%%?$") ~= nil
end

local function column_of_figures(body, column)
  local found = false
  for _, row in ipairs(body.body) do
    local cell = row.cells[column]
    if cell == nil then
      return false
    end
    local text = pandoc.utils.stringify(cell.contents)
    if is_figure(text) then
      found = true
    elseif not symbols[text] then
      return false
    end
  end
  return found
end

local function has_prose(body)
  for _, row in ipairs(body.body) do
    for _, cell in ipairs(row.cells) do
      if #pandoc.utils.stringify(cell.contents) > 60 then
        return true
      end
    end
  end
  return false
end

local function scoped(rows, scope)
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do
      cell.attributes["scope"] = scope
    end
  end
end

-- A long line in a pipe table makes pandoc divide the width by the dashes under the head. Equal dashes mean nothing: let the
-- columns take the width that they need.
local function free_widths(tbl)
  for _, spec in ipairs(tbl.colspecs) do
    if spec[2] ~= tbl.colspecs[1][2] then
      return
    end
  end
  for column, spec in ipairs(tbl.colspecs) do
    tbl.colspecs[column] = { spec[1], nil }
  end
end

-- The first column says what its row is about; figures stand to the right.
local function statistical_table(tbl)
  free_widths(tbl)
  for _, body in ipairs(tbl.bodies) do
    body.row_head_columns = 1
    for column, spec in ipairs(tbl.colspecs) do
      if column > 1 and spec[1] == "AlignDefault" and column_of_figures(body, column) then
        tbl.colspecs[column] = { "AlignRight", spec[2] }
      end
    end
    if html then
      for _, row in ipairs(body.body) do
        row.cells[1].attributes["scope"] = "row"
      end
      if has_prose(body) then
        tbl.classes:insert("has-prose")
      end
    end
  end
  if html then
    scoped(tbl.head.rows, "col")
  end
  if #tbl.colspecs > 8 then
    tbl.classes:insert("many-columns")
    if not html then
      return pandoc.Blocks({ pandoc.RawBlock("typst", "#many-columns["), tbl, pandoc.RawBlock("typst", "]") })
    end
  end
  return tbl
end

-- A table that has no room scrolls by itself, and whoever uses the keyboard must hear what it is. Browsers let it be reached by the
-- keyboard just where it scrolls.
local function scrolling(tbl, attribute, name)
  -- A list of pairs, because the order of a table's keys changes from run to run.
  local attributes = { { "role", "region" }, { attribute, name } }
  return pandoc.Div({ tbl }, pandoc.Attr("", { "table-scroll" }, attributes))
end

-- The caption's own words, and not a copy: Quarto has not put the variables in yet. Its captions have this ending in all documents.
local function caption_of(div)
  return div.identifier .. "-caption" .. (quarto and "-0ceaefa1-69ba-4598-a22c-09a6ac19f8ca" or "")
end

local function kind_of(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind and callouts[kind] then
      return kind
    end
  end
  return nil
end

local function callout(div, kind)
  local title = div.attributes["title"] and pandoc.utils.blocks_to_inlines(pandoc.read(div.attributes["title"], "markdown").blocks)
  local body = div.content
  if not title and #body > 0 and body[1].t == "Header" then
    title = body[1].content
    body:remove(1)
  end
  title = title or pandoc.Inlines(words[kind])
  if html then
    -- Not named callout: Quarto would take it for one of its own.
    local heading = pandoc.Div({ pandoc.Para(title) }, pandoc.Attr("", { "reader-note-title" }))
    return pandoc.Div(pandoc.Blocks({ heading }) .. body, pandoc.Attr("", { "reader-note", "reader-note-" .. kind }, { role = "note" }))
  end
  local open = pandoc.Plain(
    pandoc.Inlines({ pandoc.RawInline("typst", '#house-callout("' .. kind .. '", [') }) .. title .. { pandoc.RawInline("typst", "])[") }
  )
  return pandoc.Blocks({ open }) .. body .. { pandoc.RawBlock("typst", "]") }
end

local function note(div)
  -- Quarto writes the notebook's path on this machine into the page.
  if div.classes:includes("quarto-embed-nb-cell") then
    return div.content
  end
  local kind = kind_of(div)
  return kind and callout(div, kind) or nil
end

-- The names of the document's figures and tables: a chart and its table have the same one.
local floats = {}

-- Where a chapter, figure or table is found again: its own address, and the same place in the other languages.
local function found_again(id)
  if not html or #elsewhere == 0 then
    return nil
  end
  local said = pandoc.Inlines({ pandoc.Link(words.permalink, "#" .. id) })
  local kind, name = id:match("^(%a+)%-(.+)$")
  local beside = ({ fig = "tbl", tbl = "fig" })[kind]
  if beside and floats[beside .. "-" .. name] then
    local to = pandoc.Link(beside == "tbl" and words["table-beside"] or words["figure-beside"], "#" .. beside .. "-" .. name)
    said:extend({ pandoc.Space(), pandoc.Str("·"), pandoc.Space(), to })
  end
  for _, other in ipairs(elsewhere) do
    local attributes = pandoc.Attr("", {}, { { "lang", other.lang }, { "hreflang", other.lang } })
    said:extend({ pandoc.Space(), pandoc.Str("·"), pandoc.Space(), pandoc.Link(other.words, other.address .. "#" .. id, "", attributes) })
  end
  return pandoc.Div({ pandoc.Para(said) }, pandoc.Attr("", { "elsewhere" }))
end

-- What a figure shows is found stands on a line of its own, above what it shows.
local function headline(span)
  if span.classes:includes("finding") then
    return { pandoc.Strong(span.content), pandoc.LineBreak() }
  end
end

-- What there is to find in a document of many figures and tables: a list of them, by their captions without what is found.
local fewest_listed = 4
local listed = { fig = {}, tbl = {} }

local function list_float(div)
  local kind, caption = div.identifier:match("^(%a+)%-"), div.content[#div.content]
  floats[div.identifier] = true
  if listed[kind] and caption and caption.t == "Para" then
    local shown = caption.content:walk({
      Span = function(span)
        return span.classes:includes("finding") and pandoc.Inlines({}) or nil
      end,
    })
    while #shown > 0 and (shown[1].t == "Space" or shown[1].t == "SoftBreak") do
      shown:remove(1)
    end
    table.insert(listed[kind], { id = div.identifier, caption = shown })
  end
end

local function list_of(kind)
  local items = {}
  for _, one in ipairs(listed[kind]) do
    local named = pandoc.Cite({ pandoc.Str("@" .. one.id) }, { pandoc.Citation(one.id, "AuthorInText") })
    items[#items + 1] = { pandoc.Plain(pandoc.Inlines({ named, pandoc.Space() }) .. one.caption) }
  end
  return #items > 0 and pandoc.Blocks({ pandoc.BulletList(items) }) or pandoc.Blocks({})
end

-- In a PDF the template lists them, with their pages.
local function with_lists(doc)
  if not html or #listed.fig + #listed.tbl < fewest_listed then
    return nil
  end
  local top = 6
  doc:walk({
    Header = function(header)
      top = math.min(top, header.level)
    end,
  })
  local heading = pandoc.Header(top, words["figures-and-tables"], pandoc.Attr("figures-and-tables", { "unnumbered" }))
  local lists = pandoc.Div(list_of("fig") .. list_of("tbl"), pandoc.Attr("", { "floats" }))
  doc.blocks:extend({ heading, lists })
  return doc
end

local function found_again_float(div)
  if not (div.identifier:match("^fig%-") or div.identifier:match("^tbl%-")) then
    return nil
  end
  local ways = found_again(div.identifier)
  if ways then
    -- The last paragraph is the caption.
    div.content:insert(#div.content, ways)
  end
  return div
end

local function found_again_chapter(header)
  local ways = header.identifier:match("^sec%-") and found_again(header.identifier)
  return ways and pandoc.Blocks({ header, ways }) or nil
end

local function rows_of(div)
  local rows = 0
  div:walk({
    Table = function(tbl)
      for _, body in ipairs(tbl.bodies) do
        rows = rows + #body.body
      end
    end,
  })
  return rows
end

local function named_tables(div)
  if not div.identifier:match("^tbl%-") then
    return nil
  end
  if html then
    local name = caption_of(div)
    return div:walk({
      Table = function(tbl)
        tbl.attributes["data-named"] = "true"
        return scrolling(tbl, "aria-labelledby", name)
      end,
    })
  end
  if rows_of(div) > longest_in_one_piece then
    return pandoc.Blocks({ pandoc.RawBlock("typst", "#long-table["), div, pandoc.RawBlock("typst", "]") })
  end
  return nil
end

local function unnamed_table(tbl)
  if not html then
    return nil
  end
  if tbl.attributes["data-named"] then
    tbl.attributes["data-named"] = nil
    return tbl
  end
  return scrolling(tbl, "aria-label", words.tbl)
end

-- What Typst would read as a shorthand: three points, a soft hyphen, a minus sign before a figure. Such words are given as strings.
local function without_shorthand(str)
  if html or not (str.text:match("%.%.%.") or str.text:match("%-%?") or str.text:match("^%-%d")) then
    return nil
  end
  return pandoc.RawInline("typst", '#"' .. str.text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '";')
end

return {
  {
    Meta = function(meta)
      for key, value in pairs(meta.words or {}) do
        words[key] = pandoc.utils.stringify(value)
      end
      for _, other in ipairs(meta.elsewhere or {}) do
        local one = {}
        for key, value in pairs(other) do
          one[key] = pandoc.utils.stringify(value)
        end
        elsewhere[#elsewhere + 1] = one
      end
    end,
  },
  { Table = statistical_table, Div = note },
  { traverse = "topdown", Div = list_float },
  { Div = named_tables },
  { Span = headline, Div = found_again_float, Header = found_again_chapter },
  { Table = unnamed_table },
  { Str = without_shorthand, Pandoc = with_lists },
}
