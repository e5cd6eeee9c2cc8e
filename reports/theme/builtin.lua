-- The built-in renderer's part of Quarto: conditional content, numbered sections, figures and tables, references, alternative
-- text. Python has put in variables, included files and notebook outputs before, and has checked that every reference has a target.

local html = FORMAT:match("html") ~= nil
local words = {}
local number_sections = false
local number_depth = 6
local numbers = {}
local counters = { fig = 0, tbl = 0 }
local section = { 0, 0, 0, 0, 0, 0 }
local top_level = 6

local function plain(value)
  return value ~= nil and pandoc.utils.stringify(value) or nil
end

local function settings(meta)
  for key, value in pairs(meta.words or {}) do
    words[key] = plain(value)
  end
  number_sections = plain(meta["number-sections"]) == "true" or meta["number-sections"] == true
  number_depth = tonumber(plain(meta["number-depth"]) or "6")
end

local function conditional(div)
  local visible = div.classes:includes("content-visible")
  if not visible and not div.classes:includes("content-hidden") then
    return nil
  end
  local this = html and "html" or "typst"
  local wanted, unwanted = div.attributes["when-format"], div.attributes["unless-format"]
  local holds = (wanted == nil or wanted == this) and (unwanted == nil or unwanted ~= this)
  return holds == visible and div.content or pandoc.Blocks({})
end

local function find_top_level(header)
  if not header.classes:includes("unnumbered") then
    top_level = math.min(top_level, header.level)
  end
end

local function number_section(header)
  if header.classes:includes("unnumbered") or not number_sections or header.level > number_depth then
    if number_sections and not header.classes:includes("unnumbered") then
      header.classes:insert("unnumbered")
    end
    return header
  end
  section[header.level] = section[header.level] + 1
  for deeper = header.level + 1, #section do
    section[deeper] = 0
  end
  local parts = {}
  for level = top_level, header.level do
    parts[#parts + 1] = tostring(section[level])
  end
  local number = table.concat(parts, ".")
  numbers[header.identifier] = number
  if html then
    header.attributes["number"] = number
    header.content:insert(1, pandoc.Space())
    header.content:insert(1, pandoc.Span(number, pandoc.Attr("", { "header-section-number" })))
  end
  return header
end

local function with_alternative_text(image)
  local alternative = image.attributes["fig-alt"] or image.attributes["alt"] or plain(image.caption)
  image.attributes["fig-alt"] = nil
  if html then
    image.attributes["alt"] = nil
    image.caption = pandoc.Inlines(alternative)
    image.title = ""
    return image
  end
  -- Pandoc's Typst writer drops fig-alt, and PDF/UA-1 refuses a picture without an alternative text.
  local escaped = alternative:gsub("\\", "\\\\"):gsub('"', '\\"')
  local parts = { '"' .. image.src .. '"', 'alt: "' .. escaped .. '"' }
  for _, side in ipairs({ "width", "height" }) do
    if image.attributes[side] then
      parts[#parts + 1] = side .. ": " .. image.attributes[side]
    end
  end
  return pandoc.RawInline("typst", "#box(image(" .. table.concat(parts, ", ") .. "))")
end

local function html_float(kind, id, content, caption, number)
  local label = pandoc.Inlines({ pandoc.Str(words[kind] .. "\u{a0}" .. number .. ":"), pandoc.Space() })
  local figcaption = pandoc.Blocks({
    pandoc.RawBlock("html", '<figcaption id="' .. id .. '-caption" class="quarto-float-caption">'),
    pandoc.Plain(label .. caption),
    pandoc.RawBlock("html", "</figcaption>"),
  })
  local blocks = pandoc.Blocks({ pandoc.RawBlock("html", '<figure class="quarto-float-' .. kind .. '">') })
  blocks:extend(figcaption)
  blocks:extend(content)
  blocks:insert(pandoc.RawBlock("html", "</figure>"))
  return pandoc.Div(blocks, pandoc.Attr(id, { "quarto-float" }))
end

local function typst_float(kind, id, content, caption)
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#figure([") })
  blocks:extend(content)
  local opening = "], caption: figure.caption(position: top, ["
  local closing = ']), kind: "quarto-float-' .. kind .. '", supplement: "' .. words[kind] .. '") <' .. id .. ">"
  blocks:insert(pandoc.Plain(
    pandoc.Inlines({ pandoc.RawInline("typst", opening) }) .. caption .. { pandoc.RawInline("typst", closing) }
  ))
  return blocks
end

local function float(div)
  local kind = div.identifier:match("^(%a+)%-")
  if counters[kind] == nil then
    return nil
  end
  local caption = div.content[#div.content]
  if #div.content < 2 or caption.t ~= "Para" then
    error("kvarn: " .. div.identifier .. " has no caption: its last paragraph is the caption")
  end
  local content = pandoc.Blocks({ table.unpack(div.content, 1, #div.content - 1) })
  counters[kind] = counters[kind] + 1
  local number = tostring(counters[kind])
  numbers[div.identifier] = number
  if html then
    return html_float(kind, div.identifier, content, caption.content, number), false
  end
  return typst_float(kind, div.identifier, content, caption.content), false
end

local function reference(citation)
  local id = citation.id
  local kind = id:match("^(%a+)%-")
  if words[kind] == nil then
    error("kvarn: @" .. id .. " is not a reference to a figure, table or section")
  end
  if numbers[id] == nil then
    error("kvarn: @" .. id .. " points at nothing that has a number")
  end
  local prefix = pandoc.Inlines(words[kind])
  if #citation.prefix > 0 then
    prefix = citation.prefix
  elseif citation.mode == "SuppressAuthor" then
    prefix = pandoc.Inlines({})
  end
  if html then
    if #prefix > 0 then
      prefix:insert(pandoc.Str("\u{a0}"))
    end
    prefix:insert(pandoc.Str(numbers[id]))
    return pandoc.Inlines({ pandoc.Link(prefix, "#" .. id, "", pandoc.Attr("", { "quarto-xref" })) })
  end
  return pandoc.Inlines({ pandoc.RawInline("typst", "#ref(<" .. id .. ">, supplement: [") }) .. prefix .. { pandoc.RawInline("typst", "])") }
end

local function references(cite)
  local inlines = pandoc.Inlines({})
  for position, citation in ipairs(cite.citations) do
    if position > 1 then
      inlines:extend({ pandoc.Str(","), pandoc.Space() })
    end
    inlines:extend(reference(citation))
  end
  return inlines
end

local function not_a_float(tbl)
  tbl.classes:insert("typst:no-figure")
  return tbl
end

return {
  { Meta = settings },
  { traverse = "topdown", Div = conditional },
  { Header = find_top_level },
  { traverse = "topdown", Header = number_section, Div = float },
  { Cite = references, Image = with_alternative_text, Table = (not html) and not_a_float or nil },
}
